// Which YAML files of the workspace are configs that a recipe knows. Read once, kept current by a watcher of YAML files alone.
import * as vscode from "vscode";
import { Emitter } from "../../core/base/emitter";
import type { Scope } from "../../core/base/disposable";
import { matchRecipes } from "../../core/recipes/registry";
import { readConfig } from "../../core/recipes/launch";
import type { Recipe } from "../../core/recipes/recipe";
import { userRecipesPath } from "../../core/recipes/userRecipes";
import { existsSync } from "node:fs";
import path from "node:path";
import { readUserRecipes } from "../launch/buildSpec";
import { contextKeys } from "../names";

const LIMIT = 2000;
const MAX_BYTES = 1_000_000;
const pattern = "**/*.{yaml,yml}";
const exclude = "**/{node_modules,.git,.venv,venv,dist,out,wandb}/**";

export interface ConfigPlace {
  workspace: string;
  /** Relative to the workspace folder, with `/`. */
  path: string;
}

export function placeOf(uri: vscode.Uri): ConfigPlace | null {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const workspace = folder?.uri.fsPath ?? path.dirname(uri.fsPath);
  if (uri.scheme !== "file") return null;
  return { workspace, path: path.relative(workspace, uri.fsPath).split(path.sep).join("/") };
}

export class ConfigFiles {
  private readonly known = new Set<string>();
  /** By workspace folder. */
  private readonly recipes = new Map<string, readonly Recipe[]>();
  private readonly changeEmitter = new Emitter<void>();
  readonly onChange = this.changeEmitter.event;

  constructor(private readonly scope: Scope) {
    scope.add(this.changeEmitter);
  }

  async start(): Promise<void> {
    const watcher = this.scope.add(vscode.workspace.createFileSystemWatcher(pattern));
    const look = (uri: vscode.Uri): void => void this.look(uri).then(() => this.publish());
    this.scope.add(watcher.onDidCreate(look));
    this.scope.add(
      watcher.onDidChange((uri) => (uri.path.endsWith(userRecipesPath) ? void this.readAll() : look(uri))),
    );
    this.scope.add(watcher.onDidDelete((uri) => void (this.known.delete(uri.path) && this.publish())));
    this.scope.add(vscode.workspace.onDidChangeWorkspaceFolders(() => void this.readAll()));
    await this.readAll();
  }

  has(uri: vscode.Uri): boolean {
    return this.known.has(uri.path);
  }

  /** Whether this text, in this place, is a config that a recipe knows. */
  recognises(uri: vscode.Uri, text: string): boolean {
    const place = placeOf(uri);
    if (!place || place.path.startsWith(".runside/") || place.path.endsWith(userRecipesPath) || text.length > MAX_BYTES)
      return false;
    try {
      const file = readConfig(place.path, text, (at) => existsSync(path.join(place.workspace, at)));
      return matchRecipes(file, this.recipes.get(place.workspace)).length > 0;
    } catch {
      // Not valid YAML right now: what it was before a keystroke still counts.
      return this.known.has(uri.path);
    }
  }

  private async readAll(): Promise<void> {
    this.known.clear();
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      this.recipes.set(uri.fsPath, (await readUserRecipes(uri.fsPath)).recipes);
    }
    const uris = await vscode.workspace.findFiles(pattern, exclude, LIMIT);
    for (const uri of uris) await this.look(uri);
    this.publish();
  }

  private async look(uri: vscode.Uri): Promise<void> {
    try {
      const bytes = await vscode.workspace.fs.readFile(uri);
      if (bytes.length < MAX_BYTES && this.recognises(uri, Buffer.from(bytes).toString("utf8")))
        this.known.add(uri.path);
      else this.known.delete(uri.path);
    } catch {
      this.known.delete(uri.path);
    }
  }

  private publish(): void {
    void vscode.commands.executeCommand("setContext", contextKeys.configFiles, [...this.known]);
    this.changeEmitter.fire();
  }
}
