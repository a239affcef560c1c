/** A node of the compiler's syntax tree; `src` is "start:length:file", in bytes. */
export interface Node {
  id: number
  nodeType: string
  src: string
  [key: string]: unknown
}

/** Where a node stands in its source, in bytes. */
export interface Range {
  start: number
  end: number
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value
}

export function rangeOf(node: Node): Range {
  const [start, length] = node.src.split(':').map(Number)
  return { start: start!, end: start! + length! }
}

/** The nodes right below one, in no particular order. */
function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  )
}

/**
 * Visits a node and all below it, parents first.
 *
 * @param visit gets the node and those that it is in, the nearest first; returns false where nothing below matters
 */
export function walk(
  node: Node,
  visit: (node: Node, parents: readonly Node[]) => boolean,
  parents: Node[] = [],
): void {
  if (!visit(node, parents)) return
  for (const child of childrenOf(node)) walk(child, visit, [node, ...parents])
}
