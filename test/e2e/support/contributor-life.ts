import type { ContributorBehaviour } from '@assay/contributor/behaviour.ts'
import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { runContributor } from '@assay/contributor/run-contributor.ts'

/** One life of a contributor's daemon in the test's own process. */
export type ContributorLife = {
  /** Resolves once the daemon has done all that is due at a block. @throws what the daemon ended with */
  untilIdle(block: bigint): Promise<void>
  end(): Promise<void>
}

export function beginLife(config: ContributorConfig, behaviour: ContributorBehaviour = {}): ContributorLife {
  const controller = new AbortController()
  const newBlocks = new EventTarget()
  let idleAt = -1n
  let look: () => void = () => undefined
  const onIdle = (block: bigint) => {
    idleAt = block
    look()
  }
  const ended = runContributor({ config, behaviour, signal: controller.signal, newBlocks, onIdle })
  ended.catch(() => look())
  return {
    untilIdle: (block) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (idleAt >= block) resolve()
        }
        ended.then(() => reject(new Error('the contributor has ended')), reject)
        newBlocks.dispatchEvent(new Event('block'))
        look()
      }),
    end: async () => {
      controller.abort()
      await ended
    },
  }
}
