// Distinct messages, never finds (as src/assess/message_sums.h): a message that carries three values, or one value for a
// proxy and for the site behind it, is one.

/**
 * Map key -> messages over these disclosures; `keysOf(disclosure)` gives the keys that one counts for.
 * A document that says nothing of its messages counts each occurrence as one.
 */
export function messageSums(audit, disclosures, keysOf) {
  const keys = new Map(disclosures.map((each) => [each.id, keysOf(each)])), sums = new Map();
  const sets = audit.carried?.sets ?? disclosures.map((each) => ({ disclosures: [each.id], messages: each.count ?? 0 }));
  for (const set of sets) {
    for (const key of new Set(set.disclosures.flatMap((id) => keys.get(id) ?? []))) sums.set(key, (sums.get(key) ?? 0) + set.messages);
  }
  return sums;
}
