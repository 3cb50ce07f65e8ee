// A list beside its detail; on a narrow view the detail takes the list's place. Shared by rollouts and episodes.
import { css } from "lit";

export const split = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    container-type: inline-size;
  }
  .bar {
    padding: var(--rs-gap) var(--rs-edge);
    flex: none;
  }
  .bar vscode-text-field {
    flex: 1 1 160px;
    min-width: 0;
    max-width: 320px;
  }
  .bar vscode-dropdown {
    flex: 0 1 150px;
    min-width: 110px;
  }
  .chip button.quiet {
    padding: 0;
  }
  .words {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    padding: 0 var(--rs-edge);
  }
  .words:has(> *) {
    padding-bottom: var(--rs-gap);
  }
  .split {
    flex: 1 1 0;
    min-height: 0;
    display: grid;
    grid-template-columns: var(--rs-list-width, minmax(280px, 36%)) minmax(0, 1fr);
    border-top: 1px solid var(--rs-line);
  }
  .list,
  .detail {
    overflow: auto;
    min-height: 0;
    min-width: 0;
  }
  .list {
    border-inline-end: 1px solid var(--rs-line);
  }
  .pager {
    padding: 6px var(--rs-edge);
    justify-content: flex-end;
  }
  .back {
    display: none;
    margin: var(--rs-gap) var(--rs-edge) 0;
  }
  @container (max-width: 640px) {
    .bar vscode-text-field {
      flex-basis: 100%;
      max-width: none;
    }
    .split {
      grid-template-columns: minmax(0, 1fr);
    }
    .list {
      border-inline-end: 0;
    }
    .split:not(.picked) .detail,
    .split.picked .list {
      display: none;
    }
    .back {
      display: inline-block;
    }
  }
`;
