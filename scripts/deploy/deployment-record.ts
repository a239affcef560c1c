import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseDeployment } from '@assay/sdk/client/deployment.ts'
import { getAddress } from 'viem'
import { checkDeployment, type Fact } from './check-deployment.ts'
import type { Contracts } from './contracts.ts'
import {
  checkedChainId,
  type Deployed,
  type DeployRequest,
  deployAssay,
  haveCode,
  LOCAL_CHAIN_IDS,
} from './deploy-assay.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import { optionOf, PARAMETER_NAMES, type Parameters } from './parameters.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Where `deployments/<network>.json` lives. */
const DEPLOYMENTS_DIR = join(ROOT, 'deployments')
/** Where interrupted deployments are recorded, a folder for each network. */
const JOURNALS_DIR = join(ROOT, 'ignition/deployments')

/** What `deployments/<network>.json` holds: all that a client needs to find the contracts. */
export interface DeploymentRecord {
  network: string
  chainId: number
  startBlock: number
  /** Of the sources; ends in `-modified` when contracts differed from it. */
  commit: string
  contracts: Contracts
  parameters: Parameters & { tokenHolder: string; guardian: string }
}

export interface RecordRequest extends DeployRequest {
  network: string
  deploymentsDir?: string
  journalsDir?: string
}

/**
 * Deploys unless it is done, and writes the network's record.
 * @returns the record, and how many transactions it took: 0 when all was there
 * @throws Error when the recorded deployment has other parameters, or a public chain lacks its contracts
 */
export async function deployAndRecord(
  request: RecordRequest,
): Promise<{ record: DeploymentRecord; file: string; transactions: number }> {
  const { network, deploymentsDir = DEPLOYMENTS_DIR, journalsDir = JOURNALS_DIR } = request
  const file = join(deploymentsDir, `${network}.json`)
  await checkedChainId(request.provider, request.chainId)
  const known = await readJsonFile<DeploymentRecord>(file)
  const isThere = known !== undefined && (await isStillThere(known, file, request))
  if (isThere) return { record: known, file, transactions: 0 }

  const deployed = await deployAssay({ ...request, journalDir: join(journalsDir, network) })
  const record = recordOf(network, deployed)
  await writeJsonFile(file, record)
  return { record, file, transactions: deployed.transactions }
}

/**
 * Checks a recorded deployment against its chain, see {@link checkDeployment}. Nothing is signed, sent or written.
 *
 * @throws Error when there is no record, the chain is another one or lacks a contract, or something is not as recorded
 */
export async function checkRecorded(
  request: Pick<RecordRequest, 'network' | 'provider' | 'chainId' | 'deploymentsDir'>,
): Promise<{ file: string; facts: Fact[] }> {
  const { network, provider, deploymentsDir = DEPLOYMENTS_DIR } = request
  const file = join(deploymentsDir, `${network}.json`)
  const json = await readJsonFile<unknown>(file)
  if (json === undefined) {
    throw new Error(`There is no record ${file}: name the network that it is of, or its folder with --out.`)
  }
  const known = parseDeployment(json, file)
  await checkedChainId(provider, request.chainId)
  const chainId = await checkedChainId(provider, known.chainId)
  if (!(await haveCode(provider, Object.values(known.contracts)))) {
    throw new Error(`Chain ${chainId} lacks contracts that ${file} names: check the URL, or deploy again.`)
  }
  return { file, facts: await checkDeployment(provider, known) }
}

async function isStillThere(known: DeploymentRecord, file: string, request: RecordRequest): Promise<boolean> {
  const { provider, say } = request
  const isLocal = LOCAL_CHAIN_IDS.has(known.chainId)
  const chainId = await checkedChainId(provider, known.chainId)
  if (!(await haveCode(provider, Object.values(known.contracts)))) {
    if (!isLocal) {
      throw new Error(
        `Chain ${chainId} lacks contracts that ${file} names. A public chain doesn't forget: check the URL, or move the file away.`,
      )
    }
    say?.(`Chain ${chainId} has none of the contracts that ${file} names: the chain was wiped.`)
    return false
  }
  const asked: [name: string, option: string, value: string | number | undefined][] = [
    ['guardian', 'guardian', request.guardian === undefined ? undefined : getAddress(request.guardian)],
    ...PARAMETER_NAMES.map((name): [string, string, number | undefined] => {
      return [name, optionOf(name), request.parameters?.[name]]
    }),
  ]
  for (const [name, option, value] of asked) requireAsDeployed(known, file, { name, option, value })
  return true
}

function requireAsDeployed(
  { parameters }: DeploymentRecord,
  file: string,
  { name, option, value }: { name: string; option: string; value: string | number | undefined },
): void {
  const recorded = (parameters as Record<string, string | number>)[name]
  if (value === undefined || value === recorded) return
  throw new Error(
    `${file} was deployed with ${name} ${recorded}, which can't become ${value}: ` +
      `leave --${option} away, or deploy under another name.`,
  )
}

function recordOf(network: string, deployed: Deployed): DeploymentRecord {
  const { chainId, startBlock, contracts, parameters, tokenHolder, guardian } = deployed
  return {
    network,
    chainId,
    startBlock,
    commit: commitOfContracts(),
    contracts,
    parameters: { tokenHolder, guardian, ...parameters },
  }
}

function commitOfContracts(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', 'HEAD')
    return git('status', '--porcelain', '--', 'contracts') === '' ? commit : `${commit}-modified`
  } catch {
    return 'unknown' // not a git checkout
  }
}
