import { entryReason } from '@assay/sdk/protocol/entry-reasons.ts'
import { MAX_QUALITY, MAX_RARITY, scoreEntry } from '@assay/sdk/protocol/score-words.ts'
import { zero } from '../behaviours/zero.ts'
import type { Attack } from './attack.ts'

/** Contributors do nothing, validators praise them and give honest ones nothing. The court aside, only the honest majority of seats helps. */
export const collude: Attack = {
  name: 'collude',
  description: 'contributors send nothing; validators give them the highest scores, and the honest none',
  play: ({ seed }) => zero.deviate({ seed, parameter: 0, sharedDir: '' }),
  judge: ({ members }) => ({
    fillSheet: async ({ honest }) => {
      const entries = await honest()
      return members().map(({ isNamed, isAttacker }, i) => {
        if (isAttacker) return scoreEntry({ quality: MAX_QUALITY, rarity: MAX_RARITY, windows: 1 })
        const isScored = isNamed && entryReason(entries[i]!) === 'scored'
        return isScored ? { ...entries[i]!, quality: 0, rarity: 0 } : entries[i]!
      })
    },
  }),
}
