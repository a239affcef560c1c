import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeploymentResult, EIP1193Provider } from '@nomicfoundation/ignition-core'
import { DeploymentResultType, deploy } from '@nomicfoundation/ignition-core'
import { getAddress, zeroAddress } from 'viem'
import Assay from '../../ignition/modules/Assay.ts'
import { artifactsOnDisk, codeHashesOfPieces } from './artifacts.ts'
import { requireWholeBlocks } from './block-time.ts'
import { checkDeployment, factText } from './check-deployment.ts'
import { CONTRACTS, type Contracts } from './contracts.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import { resolveLostTransactions } from './lost-transactions.ts'
import {
  courtTermsOf,
  DEFAULT_PARAMETERS,
  juryTermsOf,
  LOCAL_PARAMETERS,
  optionOf,
  PARAMETER_NAMES,
  type Parameters,
} from './parameters.ts'
import { rehearse, type Terms } from './rehearsal.ts'

export interface DeployRequest {
  /** Speaks to the chain and signs for the first of its accounts, the deployer. */
  provider: EIP1193Provider
  /** Expected chain. @throws Error when the provider is on another one */
  chainId?: number
  parameters?: Partial<Parameters>
  /** Receives the whole supply of ASSAY; by default the deployer. */
  tokenHolder?: string
  /** May suspend the execution of a verdict, once a case; by default nobody. */
  guardian?: string
  /** Folder in which steps are recorded, so that an interrupted deployment resumes where it stopped; without it nothing is recorded. */
  journalDir?: string
  /** Milliseconds between two polls for a new block. */
  pollMs?: number
  /** Blocks to wait for, the transaction's own included; chains that mine at once need 1. */
  confirmations?: number
  /** Called with each sentence for people. */
  say?: (sentence: string) => void
}

export interface Deployed {
  chainId: number
  /** Has the supply of ASSAY. */
  tokenHolder: string
  /** The zero address if there is none. */
  guardian: string
  parameters: Parameters
  contracts: Contracts
  /** Transactions that this run sent; none when all was there. */
  transactions: number
  /** The last block before the deployment began: no event of the protocol is in an earlier one. */
  startBlock: number
}

/** What `chain.json` beside the journal says of an interrupted run. */
interface InterruptedRun {
  genesisHash: string
  startBlock: number
  /** Missing in what older versions left behind. */
  terms?: Terms
}

/** Local development chains may be wiped at any time; a public chain never is. */
export const LOCAL_CHAIN_IDS = new Set([31337, 1337])

/**
 * Deploys and connects the protocol's contracts, or completes what an interrupted run began.
 *
 * @throws UsageError when a contract refuses the parameters; nothing is sent or written then
 * @throws Error when the chain is not the expected one, has no account to sign with, lost contracts that the journal
 * knows (unless it is a local chain, which then gets new ones), or refuses a transaction; when the interrupted run had other terms
 */
export async function deployAssay(request: DeployRequest): Promise<Deployed> {
  const { provider, journalDir, say = () => undefined } = request
  const chainId = await checkedChainId(provider, request.chainId)
  const accounts = (await provider.request({ method: 'eth_accounts' })) as string[]
  const [deployer] = accounts
  if (deployer === undefined)
    throw new Error(
      `No account can sign on chain ${chainId}: give a deployer key (see deployments/README.md).`,
    )

  const isLocal = LOCAL_CHAIN_IDS.has(chainId)
  const usual = isLocal ? LOCAL_PARAMETERS : {}
  const parameters = { ...DEFAULT_PARAMETERS, ...usual, ...request.parameters }
  const tokenHolder = getAddress(request.tokenHolder ?? deployer)
  const guardian = getAddress(request.guardian ?? zeroAddress)
  const terms = { deployer: getAddress(deployer), tokenHolder, guardian, parameters }
  await rehearse(provider, terms)
  if (!isLocal) await requireWholeBlocks(provider, parameters.minPhaseSeconds)
  if (journalDir !== undefined) {
    await forgetWipedChain({ provider, chainId, journalDir, say })
    await requireSameTerms(journalDir, terms)
  }
  const startBlock = await startBlockOf(provider, journalDir, terms)
  if (journalDir !== undefined) await resolveLostTransactions({ provider, deployer, journalDir, startBlock })

  const codeHashes = await codeHashesOfPieces()
  let transactions = 0
  const counting: EIP1193Provider = {
    request: async (call) => {
      const answer = await provider.request(call)
      if (call.method === 'eth_sendTransaction') transactions++
      return answer
    },
  }
  const result = await deploy({
    config: {
      blockPollingInterval: request.pollMs ?? 1_000,
      requiredConfirmations: request.confirmations ?? 1,
    },
    artifactResolver: artifactsOnDisk(),
    provider: counting,
    ...(journalDir === undefined ? {} : { deploymentDir: journalDir }),
    ignitionModule: Assay,
    deploymentParameters: {
      Assay: {
        tokenHolder,
        ...codeHashes,
        ...parameters,
        courtTerms: courtTermsOf(parameters, guardian),
        juryTerms: juryTermsOf(parameters),
      },
    },
    accounts,
    defaultSender: deployer,
  })
  const contracts = contractsOf(result, journalDir)
  const recorded = { ...parameters, guardian }
  for (const fact of await checkDeployment(provider, { contracts, parameters: recorded })) say(factText(fact))
  return {
    chainId,
    tokenHolder,
    guardian,
    parameters,
    contracts,
    transactions,
    startBlock,
  }
}

/** Whether each of the contracts has code on the provider's chain. */
export async function haveCode(provider: EIP1193Provider, addresses: string[]): Promise<boolean> {
  const codes = await Promise.all(
    addresses.map((address) => provider.request({ method: 'eth_getCode', params: [address, 'latest'] })),
  )
  return codes.every((code) => code !== '0x')
}

/** The provider's chain id. @throws Error when it isn't the expected one */
export async function checkedChainId(provider: EIP1193Provider, expected?: number): Promise<number> {
  const chainId = Number(await provider.request({ method: 'eth_chainId' }))
  if (expected !== undefined && chainId !== expected) {
    throw new Error(
      `The node is on chain ${chainId}, but chain ${expected} is meant: check the URL, or choose another --network.`,
    )
  }
  return chainId
}

/** Removes the journal of a local chain that was wiped: its addresses have no code any more. */
async function forgetWipedChain(at: {
  provider: EIP1193Provider
  chainId: number
  journalDir: string
  say: (sentence: string) => void
}): Promise<void> {
  const { provider, chainId, journalDir, say } = at
  if (!existsSync(journalDir)) return
  const genesis = await genesisHash(provider)
  const known = await readChainFile(journalDir)
  const addresses = await readJsonFile<Record<string, string>>(
    join(journalDir, 'deployed_addresses.json'),
    'remove it and run this again: the journal beside it has the same addresses',
  )
  const isSame = known === undefined || known.genesisHash === genesis
  if (isSame && (await haveCode(provider, Object.values(addresses ?? {})))) return

  const lost = `Chain ${chainId} no longer has the contracts of the last deployment (${journalDir})`
  if (!LOCAL_CHAIN_IDS.has(chainId)) {
    throw new Error(
      `${lost}. A public chain doesn't forget: check the URL, or move that folder away to deploy anew.`,
    )
  }
  say(`${lost}: the chain was wiped, so everything is deployed again.`)
  await rm(journalDir, { recursive: true })
}

/** An interrupted run can only be resumed with the terms that it began with: its contracts have them for good. */
async function requireSameTerms(
  journalDir: string,
  { deployer, tokenHolder, guardian, parameters }: Terms,
): Promise<void> {
  const began = (await readChainFile(journalDir))?.terms
  if (began === undefined) return
  const facts: [name: string, before: string | number, now: string | number, back: string][] = [
    ['deployer', began.deployer, deployer, 'sign with its key'],
    ['token holder', began.tokenHolder, tokenHolder, `give --token-holder ${began.tokenHolder}`],
    ['guardian', began.guardian, guardian, `give --guardian ${began.guardian}`],
    ...PARAMETER_NAMES.map((name): [string, number, number, string] => {
      const before = began.parameters[name]
      return [name, before, parameters[name], `give --${optionOf(name)} ${before}`]
    }),
  ]
  const changed = facts.filter(([, before, now]) => before !== now)
  if (changed.length === 0) return
  const changes = changed.map(([name, before, now]) => `${name} ${before}, not ${now}`).join(', and ')
  const back = changed.map(([, , , how]) => how).join(' and ')
  throw new Error(
    `The interrupted run in ${journalDir} began with ${changes}: to go on with it ${back}; to deploy anew move that folder away.`,
  )
}

const chainFile = (journalDir: string) => join(journalDir, 'chain.json')

const readChainFile = (journalDir: string) =>
  readJsonFile<InterruptedRun>(
    chainFile(journalDir),
    `restore it from a copy, or move ${journalDir} away to deploy anew`,
  )

/** The block before the first step of this deployment, remembered beside the journal. */
async function startBlockOf(
  provider: EIP1193Provider,
  journalDir: string | undefined,
  terms: Terms,
): Promise<number> {
  const latest = Number(await provider.request({ method: 'eth_blockNumber' }))
  if (journalDir === undefined) return latest
  const known = await readChainFile(journalDir)
  if (known !== undefined) return known.startBlock
  await writeJsonFile(chainFile(journalDir), {
    genesisHash: await genesisHash(provider),
    startBlock: latest,
    terms,
  })
  return latest
}

async function genesisHash(provider: EIP1193Provider): Promise<string | undefined> {
  const block = await provider.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] })
  return (block as { hash: string } | null)?.hash
}

function contractsOf(result: DeploymentResult, journalDir: string | undefined): Contracts {
  if (result.type === DeploymentResultType.SUCCESSFUL_DEPLOYMENT) {
    const named = Object.entries(CONTRACTS).map(([name, contract]) => [
      name,
      result.contracts[`Assay#${contract}`]?.address,
    ])
    return Object.fromEntries(named) as Contracts
  }
  // A step that failed can succeed the next time; arguments that contradict the journal can't.
  const fix =
    result.type === DeploymentResultType.EXECUTION_ERROR || journalDir === undefined
      ? 'Run it again to go on where it stopped.'
      : `To go on give what the run in ${journalDir} was given; to deploy anew move that folder away.`
  throw new Error(`The deployment stopped: ${reasonsOf(result).replace(/\.$/, '')}. ${fix}`)
}

function reasonsOf(result: Exclude<DeploymentResult, { type: DeploymentResultType.SUCCESSFUL_DEPLOYMENT }>) {
  if (result.type !== DeploymentResultType.EXECUTION_ERROR) {
    return Object.entries(result.errors)
      .map(([step, errors]) => `${step}: ${errors.join(', ')}`)
      .join('; ')
  }
  const failed = result.failed.map(({ futureId, error }) => `${futureId} failed (${error})`)
  const late = result.timedOut.map(({ futureId }) => `${futureId} was not mined in time`)
  return [...failed, ...late].join('; ')
}
