import { subset } from '@assay/engine/package/data.ts'
import type { Attack } from './attack.ts'

/** One person, some identities, each with its part of the samples. The parts have nothing in common, so nothing looks alike. */
export const sybilHalves: Attack = {
  name: 'sybil-halves',
  description: 'are one person, whose identities share the samples of the first among them',
  isOnePerson: true,
  play: ({ firstShard, place, attackers }) => ({
    prepareData: () =>
      subset(
        firstShard,
        Array.from({ length: firstShard.n }, (_, i) => i).filter((i) => i % attackers === place),
      ),
  }),
}
