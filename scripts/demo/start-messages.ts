import { join } from 'node:path'
import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { type Account, type Cast, demoSeed } from './cast.ts'
import type { FederationOptions } from './options.ts'
import type { StartMessage } from './participant.ts'
import type { DemoTask, FederatedTask } from './setup.ts'
import { STAKES } from './terms.ts'

/** The daemons' longest wait for a block; the demo tells them of each block. */
const POLL_MS = 5_000
/** How long each validator has to make a keeper's call before the next one's turn, in the chain's seconds: one block. */
const KEEPER_STAGGER_SECONDS = 2

interface Scene {
  options: FederationOptions
  cast: Cast
  demoTask: DemoTask
  rpcUrl: string
  /** Every participant writes to all of them and asks the first one first. */
  storeUrls: string[]
  /** Files of the contributors' samples, in their order. */
  shards: string[]
  /** What contributors train with. */
  trainer: FederatedTask['trainer']
  workDir: string
}

/** Each participant's start message, by name. */
export function startMessages(scene: Scene): Map<string, StartMessage> {
  const { contributors, validators } = scene.cast
  const messages = new Map<string, StartMessage>()
  contributors.forEach((one, i) => {
    messages.set(one.name, contributorMessage(scene, one, scene.shards[i]!))
  })
  for (const one of validators) messages.set(one.name, validatorMessage(scene, one))
  return messages
}

function contributorMessage(
  scene: Scene,
  contributor: Cast['contributors'][number],
  dataFile: string,
): StartMessage {
  const { name, behaviour, accomplice } = contributor
  const helped = scene.cast.contributors.find((other) => other.accomplice === name)
  return {
    type: 'start',
    role: 'contributor',
    behaviour: helped?.behaviour ?? behaviour,
    isAccomplice: helped !== undefined,
    config: { ...commonConfig(scene, contributor), dataFile, trainer: scene.trainer },
    seed: seedOf(scene, name),
    sharedDir: join(scene.workDir, `shared-by-${accomplice ?? name}`),
    poolFile: scene.demoTask.poolFile,
  }
}

function validatorMessage(scene: Scene, validator: Cast['validators'][number]): StartMessage {
  return {
    type: 'start',
    role: 'validator',
    behaviour: validator.behaviour,
    seed: seedOf(scene, validator.name),
    config: {
      ...commonConfig(scene, validator),
      poolFile: scene.demoTask.poolFile,
      joinStakeWei: STAKES.validator,
      jurorStakeWei: STAKES.juror,
      courtBudgetWei: STAKES.courtBudget,
      keeperStaggerSeconds: KEEPER_STAGGER_SECONDS,
    },
  }
}

const seedOf = ({ options }: Scene, name: string) => deriveSeed(demoSeed(options.seed), name)

function commonConfig({ demoTask, rpcUrl, storeUrls, workDir }: Scene, account: Account) {
  const { deployment, taskId, packageDir } = demoTask
  const { name, privateKey, priorityFeeWei } = account
  return {
    rpcUrl,
    deployment,
    taskId,
    privateKey,
    dataDir: join(workDir, name),
    pollMs: POLL_MS,
    priorityFeeWei,
    storeUrl: storeUrls,
    packageDir,
    trustPackage: true, // it is our own
    force: true, // the demo's clock waits for everybody, however slow this machine is
  }
}
