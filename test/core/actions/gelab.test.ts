// GE-Lab's five parsers, against what they answered (formats/gui-and-trainers.md 2.5).
import { describe, expect, it } from "vitest";
import { gelab } from "../../../core/actions/dialects/gelab";
import { iconIn } from "../../../core/actions/dialects/gelabParsers";

const told = (text: string): unknown => {
  const [action] = gelab.parse(text).actions;
  return action?.kind === "click" ? [action.x, action.y, action.frame] : (action?.kind ?? "unknown");
};
const said = (text: string): string =>
  gelab
    .parse(text)
    .diagnostics.map((d) => d.message)
    .join("\n");
const home = "Explain:click home icon on page_46.\tAction: ";

describe("gelab", () => {
  it.each([
    [`${home}click(start_box='(1019,160)')`, [1019, 160, "canvas"]],
    [`${home}click(start_box='<|box_start|>(12,34)<|box_end|>')`, [12, 34, "n1000"]],
    ["explain: click A_1 icon.\taction: CLICK\tpoint:(864, 62)", [864, 62, "n1000"]],
    ["Explain:click A_1 (2,3) icon on page_2.\tAction: click(start_box='(500,600)')", [2, 3, "n1000"]],
    ["<think>action: complete?</think>Explain:click A_1 icon.\tAction: click(start_box='(5,6)')", "done"],
    ["Explain: this is target page.\tAction: complete", "done"],
    ["ACTION:COMPLETE", "done"],
    [`${home}click(12.5,34)`, "unknown"],
    [`${home}click(-5,34)`, "unknown"],
    ['{"coordinate": [5, 6]}', "unknown"],
    ["Explain:click Business_20", "unknown"],
    [`${home}click( 7 , 8 )`, [7, 8, "n1000"]],
    ["point:<|box_start|>( 12 , 34 )<|box_end|>", [12, 34, "n1000"]],
    ["point:( 12 , 34 )", "unknown"],
    ["", "unknown"],
  ])("%j", (text, wanted) => {
    expect(told(text)).toEqual(wanted);
  });

  it("names the icon, and the place of the whole call", () => {
    const text = `${home}click(start_box='<|box_start|>(1019,160)<|box_end|>')`;
    const [action] = gelab.parse(text).actions;
    expect(action?.element).toBe("home");
    expect(action?.span && text.slice(...action.span)).toBe("click(start_box='<|box_start|>(1019,160)<|box_end|>')");
    expect(said(text)).toBe("");
  });

  it("says where the other four differ", () => {
    expect(said(`${home}click(start_box='(1019,160)')`)).toBe("The format reward differs: it gives 0 to this shape.");
    expect(said(`${home}click(start_box='<|box_start|>(1019, 160)<|box_end|>')`)).toMatch(
      /^The scorer.*without a space/,
    );
    expect(said("action: CLICK\tpoint:(864,62)")).toMatch(
      /without `click NAME icon` it gives 0[^]*see no action[^]*no claim/,
    );
    expect(said("<think>action: complete</think>click A icon (5,6)")).toMatch(/sees no complete behind/);
    expect(said("Explain:click A icon, then complete, on page_1.\tAction: click(5,6)")).toMatch(/earns it/);
    expect(said(`${home}click(12.5,34)`)).toMatch(/whole numbers/);
    expect(said(`${home}click(start_box='(12,`)).toMatch(/cut off/);
  });

  it("takes the frame that it is told, and the thousandths that a prompt promises", () => {
    const text = `${home}click(start_box='(850,69)')`;
    expect(gelab.parse(text, { frame: "canvas" }).actions[0]?.frame).toBe("canvas");
    expect(gelab.parse(text, { prompt: "from (0,0) to (1000,1000)" }).actions[0]?.frame).toBe("n1000");
  });

  it.each([
    ["click A_1 icon", "A_1"],
    ["click icon", null],
    ["click  icon", ""],
    ["click icon icon", "icon"],
    ["click  icon on icon", "icon on"],
    ["click A\nclick B icon", "B"],
    ["click A iconic", "A"],
    ["an icon", null],
  ])("finds the icon's name as its regular expression does: %j", (text, wanted) => {
    expect(iconIn(text)).toBe(wanted);
  });
});
