/**
 * Elements from the compact tree that the build makes of the rendered first layer: a node is a text, or
 * `["tag", {attributes} | 0, ...children]`. No HTML text is ever parsed here.
 */

import { doc } from './page.js';

/**
 * @param {*} node
 * @param {string|undefined} [space] the namespace, once inside an `svg`
 * @returns {Node}
 */
export function make(node, space) {
  if (typeof node == 'string') return doc('createTextNode', node);
  const [tag, attributes, ...children] = node;
  if (tag == 'svg') space = 'http://www.w3.org/2000/svg';
  const element = doc('createElementNS', space || 'http://www.w3.org/1999/xhtml', tag);
  for (const name of Object.keys(attributes || {})) element.setAttribute(name, attributes[name]);
  for (const child of children) element.appendChild(make(child, space));
  return element;
}
