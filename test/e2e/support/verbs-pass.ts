import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stateProof } from '@assay/engine/package/state.ts'
import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { stepBond } from '@assay/sdk/protocol/cases.ts'
import { replayWindow } from '@assay/sdk/protocol/sampling.ts'
import { readPassClaims } from '@assay/sdk/verbs/court/accuse-pass.ts'
import { accuseStep } from '@assay/sdk/verbs/court/accuse-step.ts'
import { readPageProof } from '@assay/sdk/verbs/court/accuse-withholding.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readProvenBase } from '@assay/sdk/verbs/court/read-proven-base.ts'
import { readSealedBeacon } from '@assay/sdk/verbs/rounds/read-round-basis.ts'
import { readSubmissions } from '@assay/sdk/verbs/rounds/read-submissions.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import { expect } from 'chai'
import { type Address, keccak256, toHex } from 'viem'
import { runAt, startCliRunner } from './cli-runner.ts'
import { done, madeUpTraining, type VerbsScene } from './verbs-scene.ts'

const of = { taskId: 1n, round: 1 }

/** Accuses a seat of round 1, from the command line, that claims to have replayed the window of a case about a step. */
export async function expectPassAccused(scene: VerbsScene): Promise<void> {
  const { chain } = scene
  const dir = await mkdtemp(join(tmpdir(), 'assay-pass-'))
  const cli = startCliRunner()
  const add = async (caseId: bigint, validator: Address) => {
    const named = ['case', 'add', String(caseId), '--passed', validator, '--json']
    const { code, stdout, stderr } = await runAt(cli, { chain, dir }, named, chain.accounts[0]!)
    return { code, told: stderr, ...JSON.parse(stdout) }
  }
  try {
    await expectAdded(scene, add)
  } finally {
    cli.end()
    await rm(dir, { recursive: true, force: true })
  }
}

type Add = (
  caseId: bigint,
  validator: Address,
) => Promise<{ code: number; told: string; error?: { name: string } }>

async function expectAdded({ owner, validators }: VerbsScene, add: Add): Promise<void> {
  const { contributor, window, validator } = await claimIn(owner)
  const caseId = await accuseOfStep(owner, contributor, window)
  const other = validators.find(({ wallet }) => wallet.account.address !== validator)!
  const wrong = await add(caseId, other.wallet.account.address)
  expect(wrong.code).to.equal(1)
  expect(wrong.told)
    .to.include(`does not claim to have replayed window ${window} of ${contributor} in round 1`)
    .and.include(`That is claimed by: ${validator}.`)
  expect(await baseOf(owner, caseId, validator)).to.equal(0n)

  expect(await add(caseId, validator)).to.include({ code: 0, caseId: String(caseId), validator })
  const { base } = await readProvenBase(owner, { ...of, validator })
  expect(await baseOf(owner, caseId, validator)).to.equal(base)
  const again = await add(caseId, validator)
  expect([again.code, again.error?.name]).to.deep.equal([1, 'Court_AlreadyADefendant'])
}

/** A seat that claims to have replayed a window of a contributor. */
async function claimIn(owner: AssayClient) {
  const [beacon, { params }] = await Promise.all([readSealedBeacon(owner, of), readTask(owner, of)])
  const { replayWindows, windowsPerRound: totalWindows } = params
  const submissions = await readSubmissions(owner, of)
  for (const { contributor } of submissions) {
    for (let i = 0; i < replayWindows; i++) {
      const window = replayWindow({ beacon, contributor, i, totalWindows })
      const facts = { ...of, subject: window, defendant: contributor }
      const [claim] = await readPassClaims(owner, { facts })
      if (claim !== undefined) return { contributor, window, validator: claim.validator }
    }
  }
  throw new Error('no seat claims to have replayed all of its windows')
}

/** @returns the number of the case */
async function accuseOfStep(owner: AssayClient, contributor: Address, window: number): Promise<bigint> {
  const { fields, stateHashes } = madeUpTraining(contributor, of.round)
  const [{ params }, terms] = await Promise.all([readTask(owner, of), readCourtTerms(owner)])
  const { value } = await done(
    accuseStep(owner, {
      ...of,
      contributor,
      page: await readPageProof(owner, { ...of, contributor }),
      fields,
      step: {
        window,
        before: stateHashes[window]!,
        afterwards: stateHashes[window + 1]!,
        proofBefore: stateProof(stateHashes, window),
        proofAfterwards: stateProof(stateHashes, window + 1),
      },
      evidence: keccak256(toHex('evidence')),
      bond: stepBond(params.contributorStake, terms),
    }),
  )
  return value.caseId
}

function baseOf({ chain, deployment }: AssayClient, caseId: bigint, validator: Address): Promise<bigint> {
  return chain.readContract({
    address: deployment.contracts.court,
    abi: iCourtAbi,
    functionName: 'baseOf',
    args: [caseId, validator],
  })
}
