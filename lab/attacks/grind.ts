import { MIN_REPUTATION_BPS } from '@assay/sdk/protocol/reputation.ts'
import { isAudited } from '@assay/sdk/protocol/sampling.ts'
import { withhold } from '../behaviours/withhold.ts'
import type { Attack } from './attack.ts'

/** Settled rounds after which audits of a good contributor are rare. */
const SEEN = 10

/**
 * It makes accounts until the beacon that it knows would not audit one of them, and then skips windows. Beacons that audit come when
 * all accounts are enrolled.
 */
export const grind: Attack = {
  name: 'grind',
  description: 'enrol with the account that the known beacon would not audit, then skip three windows of ten',
  play: ({ seed }) => ({
    ...withhold.deviate({ seed, parameter: withhold.parameter!.default, sharedDir: '' }),
    chooseAccount: (accounts, beacon) =>
      Math.max(
        0,
        accounts.findIndex(
          (contributor) =>
            !isAudited({ beacon, contributor, reputationBps: MIN_REPUTATION_BPS, seen: SEEN, flagged: true }),
        ),
      ),
  }),
}
