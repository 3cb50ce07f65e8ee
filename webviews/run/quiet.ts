// First import of an entry: zod otherwise probes for `new Function`, which the page's policy reports as a violation.
import * as z from "zod/mini";

z.config({ jitless: true });
