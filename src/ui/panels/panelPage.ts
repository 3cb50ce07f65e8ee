// The page of a view: nothing is allowed but our own script by nonce, our own style sheet, and images made by the script.
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** `page` names the bundle and its element: `run` is run.js, run.css and <rs-run-view>. */
export function panelPage(
  webview: vscode.Webview,
  extension: vscode.Uri,
  title: string,
  page: "run" | "dialect" = "run",
): string {
  const nonce = randomBytes(18).toString("base64url");
  // The toolkit asks the browser what it can do with one <style> element, and looks for this nonce to be allowed to.
  const styleNonce = randomBytes(18).toString("base64url");
  const asset = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", "webviews", name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${styleNonce}'`,
    "img-src blob: data:",
    `font-src ${webview.cspSource}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${styleNonce}">
<link rel="stylesheet" href="${asset(`${page}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<rs-${page}-view></rs-${page}-view>
<script nonce="${nonce}" src="${asset(`${page}.js`)}"></script>
</body>
</html>`;
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c);
