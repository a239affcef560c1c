/** Does work on every item, on at most `limit` of them at once, and gives the results in the items' order. Ends with the first failure. */
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
