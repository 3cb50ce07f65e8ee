// GE-Lab's ui_structure.json (formats/gui-and-trainers.md 2.3): every page with its elements, flat or as a tree of subnodes. A page is
// shown as an episode of the clicks that lead away from it.
import { isFields, textOf, type Fields } from "../../base/json";
import { byteLength, fieldsOf, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { boxOf, boxToUnit, imagesOfPage } from "../gelab";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

interface Page {
  name: string;
  fields: Fields;
  transitions: Fields[];
}

function pagesOf(value: unknown): Page[] | null {
  if (!isFields(value)) return null;
  if (isFields(value.pages)) {
    const pages = Object.entries(value.pages).map(([name, page]) => pageOf(name, fieldsOf(page)));
    return pages.length > 0 && pages.every(({ fields }) => isFields(fields.layout)) ? pages : null;
  }
  return isFields(value.root) && isFields(value.root.layout) && "image" in value.root ? treeOf(value.root) : null;
}

function treeOf(root: Fields): Page[] {
  const pages: Page[] = [];
  // Not by recursion: how deep a damaged file goes is not ours to say.
  const open: Fields[] = [root];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    const name = (textOf(node.image) ?? `page ${String(pages.length)}`).replace(/\.\w+$/, "");
    pages.push(pageOf(name, node));
    open.push(...listOf(node.subnodes).filter(isFields));
  }
  return pages;
}

const pageOf = (name: string, fields: Fields): Page => ({
  name,
  fields,
  transitions: listOf(fields.transitions).filter(isFields),
});

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const pages = pagesOf(value);
  if (!pages) {
    reportWrongDocument(sink, path, "pages with their elements");
    return;
  }
  const length = byteLength(text);
  for (const { name, transitions } of pages) {
    transitions.forEach((_, index) => {
      sink.step({ offset: 0, length, episodeId: name, index, typeMatch: null, clickHit: null });
    });
  }
  const elements = pages.reduce((sum, { fields }) => sum + Object.keys(fieldsOf(fields.layout)).length, 0);
  sink.fact("pages", pages.length);
  sink.fact("elements", elements);
}

function readSteps(record: string): StepBody[] {
  return (pagesOf(valueOf(record)) ?? []).flatMap(({ name, fields, transitions }) =>
    transitions.map((transition, index) => {
      const element = textOf(transition.action);
      const laid = fieldsOf(fieldsOf(fields.layout)[element ?? ""]);
      const box = boxOf(transition.icon_bbox) ?? boxOf(laid.bbox);
      const centre = box ? { x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, frame: "canvas" as const } : {};
      return {
        episodeId: name,
        index,
        goal: `${name} to ${textOf(transition.target_page) ?? "?"}`,
        images: imagesOfPage(textOf(fields.image) ?? name),
        expected: { kind: "click" as const, ...centre, ...(element === null ? {} : { element }) },
        expectedBox: box ? boxToUnit(box, "canvas") : null,
        boxFrom: box ? ("episode" as const) : null,
        predictedText: null,
        predicted: null,
        distance: null,
      };
    }),
  );
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return pagesOf(value) ? 0.9 : 0;
  const { head } = sample;
  const begins = /^\s*\{\s*"pages"\s*:\s*\{\s*"page_\d+"/.test(head) || /^\s*\{\s*"root"\s*:\s*\{\s*"image"/.test(head);
  return begins && /"layout"\s*:\s*\{/.test(head) ? 0.85 : 0;
}

export const gelabPages: DocumentReader = {
  id: "gelab-pages",
  title: "GE-Lab pages",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
