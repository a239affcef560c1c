/** Dealing samples to contributors. */
import type { Dataset } from '@assay/engine/package/data.ts'
import type { Rng } from './rng.ts'

/** How samples are dealt: evenly, or each class by a Dirichlet draw (smaller is more skewed). */
export type Partition = 'iid' | { dirichlet: number }

/** With a shard of fewer samples, all shards are drawn again. */
const USUAL_LEAST = 32
/** Draws after which small shards are filled up instead: at a small alpha no draw gives everybody enough. */
const MOST_DRAWS = 40

/** To whom, how, and how many samples each gets at least. */
export type Dealing = { contributors: number; partition: Partition; least?: number }

/**
 * Deals the places of labelled samples to contributors, to each at least 32, or `least`. If no draw of forty gives everybody so many,
 * the last one is filled up from its largest shards.
 *
 * @throws RangeError when there are too many contributors for that
 */
export function deal(
  rng: Rng,
  train: Pick<Dataset, 'y' | 'n'>,
  { contributors, partition, least = USUAL_LEAST }: Dealing,
): number[][] {
  const most = Math.floor(train.n / least)
  if (contributors > most)
    throw new RangeError(
      `${contributors} contributors are too many for ${train.n} samples, ${least} each: at most ${most}`,
    )
  const dealOnce = partition === 'iid' ? dealEvenly : dealByDirichlet(partition.dirichlet)
  const isLargeEnough = (shard: readonly number[]) => shard.length >= least
  let shards = dealOnce(rng, train, contributors)
  for (let draws = 1; draws < MOST_DRAWS && !shards.every(isLargeEnough); draws++)
    shards = dealOnce(rng, train, contributors)
  fillUp(shards, isLargeEnough)
  return shards
}

/** Moves samples, one by one, from the largest shard to those that are too small. */
function fillUp(shards: number[][], isLargeEnough: (shard: readonly number[]) => boolean): void {
  for (const small of shards)
    while (!isLargeEnough(small)) {
      const largest = shards.reduce((a, b) => (b.length > a.length ? b : a))
      small.push(largest.pop()!)
    }
}

function dealEvenly(rng: Rng, { n }: Pick<Dataset, 'n'>, contributors: number): number[][] {
  const order = rng.shuffled(Array.from({ length: n }, (_, i) => i))
  return Array.from({ length: contributors }, (_, c) => order.filter((_, i) => i % contributors === c))
}

function dealByDirichlet(alpha: number) {
  return (rng: Rng, { y }: Pick<Dataset, 'y'>, contributors: number): number[][] => {
    const shards = Array.from({ length: contributors }, (): number[] => [])
    for (const label of [...new Set(y)].sort((a, b) => a - b)) {
      const members = rng.shuffled([...y.keys()].filter((i) => y[i] === label))
      const draws = shards.map(() => rng.gamma(alpha))
      const total = draws.reduce((sum, draw) => sum + draw, 0)
      let share = 0
      let at = 0
      shards.forEach((shard, c) => {
        share += draws[c]! / total
        const end = c === contributors - 1 ? members.length : Math.round(share * members.length)
        shard.push(...members.slice(at, end))
        at = end
      })
    }
    return shards.map((shard) => rng.shuffled(shard))
  }
}
