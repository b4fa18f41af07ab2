// Enhances the page that C++ wrote, which is complete without this: pictures, tables that sort and filter, cards.
// Everything it shows stands in the page; it asks for nothing.
import { cardDialog } from "./card.js";
import { enhanceDisclosures } from "./disclosures.js";
import { element } from "./dom.js";
import { flowSection } from "./flow.js";
import { mapSection } from "./map.js";
import { setUpClock, setUpMessages, setUpSentences, text } from "./messages.js";
import { enhanceRecipients } from "./recipients.js";
import { enhanceTimeline } from "./timeline.js";

const island = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");

function contents() {
  const nav = document.querySelector("nav.contents");
  const link = (name) => element("a", { href: `#${name}` }, text(`nav.${name}`));
  if (document.getElementById("map")) nav?.prepend(link("flow"), link("map"));
}

function start() {
  const audit = island("audit");
  if (!audit) return;
  audit.disclosures ??= [];
  setUpMessages(island("messages") ?? {}, document.documentElement.lang);
  setUpSentences(island("sentences"));
  setUpClock(audit.clock);
  document.documentElement.classList.add("scripted");
  let table = null;
  const dialog = cardDialog(audit, () => table.current());
  table = enhanceDisclosures(audit, dialog.open);
  enhanceRecipients(audit);
  const pictures = [enhanceTimeline(audit, dialog.open)];
  if (audit.disclosures.some((each) => each.direction === "sent")) {
    const flow = flowSection(audit, table.filterBy), map = mapSection(audit, island("countries") ?? {}, table.filterBy);
    const matrix = document.getElementById("matrix");
    matrix.before(flow.section, map.section);
    pictures.unshift(flow, map);
  }
  contents();
  table.start();
  for (const picture of pictures) picture.draw();
  dialog.showAddressed();
}

start();
