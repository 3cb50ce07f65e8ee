// Entry of the run view's bundle. The page gives an `<rs-run-view>` and this script with its nonce.
import "./quiet";
import "vscode-jsonrpc/browser";
import "../styles/page.css";
import "../elements/rs-run-view";
import type { RsRunView } from "../elements/rs-run-view";
import { connectHost } from "../shared/hostLink";
import { registerToolkit } from "../shared/toolkit";
import { mountRunView } from "./runApp";

registerToolkit();
const element = document.querySelector<RsRunView>("rs-run-view");
if (element) mountRunView(connectHost(), element);
