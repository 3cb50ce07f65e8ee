// Entry of the try-out's bundle. The page gives an `<rs-dialect-view>` and this script with its nonce.
import "../run/quiet";
import "vscode-jsonrpc/browser";
import "../styles/page.css";
import "../elements/rs-dialect-view";
import type { RsDialectView } from "../elements/rs-dialect-view";
import { connectHost } from "../shared/hostLink";
import { mountDialectView } from "./dialectApp";

const element = document.querySelector<RsDialectView>("rs-dialect-view");
if (element) mountDialectView(connectHost(), element);
