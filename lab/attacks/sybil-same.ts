import type { Attack } from './attack.ts'

/** One person, some identities: all train on the same samples, each in its own order. Every replay passes. */
export const sybilSame: Attack = {
  name: 'sybil-same',
  description: 'are one person, whose identities all train on the samples of the first',
  isOnePerson: true,
  play: ({ firstShard }) => ({ prepareData: () => firstShard }),
}
