/** Runs cases in a page and tells: the title says `ok 12` or `failed 2 of 12`, `#result` lists every case. */

const cases = [];

/**
 * Adds a case.
 * @param {string} name
 * @param {function(): *} run throws, or gives something that is not true, where it fails
 */
export function test(name, run) {
  cases.push([name, run]);
}

/**
 * Compares by JSON, which is what the gate's data is.
 * @param {*} found
 * @param {*} wanted
 */
export function same(found, wanted) {
  const [one, two] = [found, wanted].map((value) => JSON.stringify(value, sorted));
  if (one !== two) throw new Error(`${one} is not ${two}`);
}

/** Members in the order of their names; undefined ones are left out by JSON anyway. */
function sorted(_, value) {
  if (!value || typeof value != 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Runs every case. */
export async function report() {
  const list = document.createElement('ol');
  let failed = 0;
  list.id = 'result';
  for (const [name, run] of cases) {
    const item = document.createElement('li');
    try {
      await run();
      item.textContent = `pass: ${name}`;
      item.className = 'pass';
    } catch (error) {
      failed++;
      item.textContent = `fail: ${name}: ${error}`;
      item.className = 'fail';
    }
    list.append(item);
  }
  document.body.append(list);
  document.title = failed ? `failed ${failed} of ${cases.length}` : `ok ${cases.length}`;
}
