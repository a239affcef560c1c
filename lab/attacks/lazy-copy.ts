import { unauditedEntry } from '@assay/sdk/protocol/entry-reasons.ts'
import { scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import type { Attack } from './attack.ts'

/** Everybody can read running scores. They are a good guess of what the others will say. */
export const lazyCopy: Attack = {
  name: 'lazy-copy',
  description: 'validators look at nothing, say everybody’s running scores, and claim their windows',
  judge: ({ members }) => ({
    fillSheet: async () =>
      members().map(({ isNamed, runningQualityBps: quality, runningRarityBps: rarity }) =>
        isNamed
          ? scoreEntry({ quality, rarity: quality === 0 ? 0 : rarity, windows: 1 })
          : unauditedEntry('notDrawn'),
      ),
  }),
}
