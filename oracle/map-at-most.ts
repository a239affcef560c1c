/** Maps every item, at most `limit` of them at once. Results are in the items' order; the first failure ends it. */
export async function mapAtMost<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += limit)
    results.push(...(await Promise.all(items.slice(at, at + limit).map((item, i) => work(item, at + i)))))
  return results
}
