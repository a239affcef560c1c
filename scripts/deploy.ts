import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parsePrivateKey } from '@assay/cli/keystore.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import { plainLines } from '@assay/sdk/client/plain-text.ts'
import { shownUrl } from '@assay/sdk/client/shown-url.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { BaseError, isAddress } from 'viem'
import { UsageError } from './command/usage-error.ts'
import { factText } from './deploy/check-deployment.ts'
import { checkRecorded, deployAndRecord } from './deploy/deployment-record.ts'
import {
  DEFAULT_PARAMETERS,
  optionOf,
  PARAMETER_NAMES,
  type Parameters,
  unitOf,
} from './deploy/parameters.ts'
import { signingProvider } from './deploy/signing-provider.ts'

const USAGE = `npm run deploy -- [--network NAME] [options]

Deploys the protocol and writes deployments/NAME.json. A second run changes nothing; an interrupted one is resumed.

  --network NAME             localhost (default), sepolia or another network of hardhat.config.ts
  --rpc URL                  any other chain by URL; --network then only names the file (default chain-<id>).
                             The deployer's key comes from ASSAY_DEPLOYER_KEY; without one the node's own account signs
  --chain-id N               refuses to deploy to any other chain
  --token-holder ADDRESS     receives the supply of ASSAY (default: the deployer)
  --guardian ADDRESS         may suspend the execution of a verdict, once a case (default: nobody)
${PARAMETER_NAMES.map((name) => `  --${`${optionOf(name)} N`.padEnd(25)}fixed for good (default ${DEFAULT_PARAMETERS[name]}${unitOf(name)})`).join('\n')}
  --out DIR                  writes DIR/NAME.json, and keeps an interrupted run's steps in DIR/journals
  --check                    deploys nothing: asks the recorded contracts whom they obey, what is fixed in them and which code
                             they run, and ends with code 1 if anything isn't as recorded. Anyone can, without a key
  --json                     the record on stdout, everything else on stderr
  --help                     this text

Examples:
  npm run deploy -- --network localhost
  npm run deploy -- --network sepolia --rpc https://… --check
  npm run exec -- hardhat keystore set SEPOLIA_DEPLOYER_KEY (and SEPOLIA_RPC_URL)
  npm run deploy -- --network sepolia`

/** The contracts take parameters of at most 32 bits. */
const LARGEST_PARAMETER = 2 ** 32 - 1

interface Target {
  network: string
  provider: EIP1193Provider
  close: () => Promise<void>
}

async function main(args: string[]): Promise<number> {
  const values = readArguments(args)
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const people = {
    ...addressFrom('token-holder', 'tokenHolder', values['token-holder']),
    ...addressFrom('guardian', 'guardian', values.guardian),
  }
  const chainId =
    values['chain-id'] === undefined ? {} : { chainId: wholeNumber('chain-id', values['chain-id']) }
  const folders =
    values.out === undefined
      ? {}
      : { deploymentsDir: resolve(values.out), journalsDir: resolve(values.out, 'journals') }
  const { network, provider, close } = await target(values.network, values.rpc)
  try {
    const say = (sentence: string) => console.error(sentence)
    if (values.check) {
      const { file, facts } = await checkRecorded({ ...chainId, ...folders, network, provider })
      if (values.json) console.log(JSON.stringify(facts, undefined, 2))
      else for (const fact of facts) console.log(factText(fact))
      say(`All is as ${file} says.`)
      return 0
    }
    const { record, file, transactions } = await deployAndRecord({
      ...chainId,
      ...people,
      ...folders,
      network,
      provider,
      parameters: parametersOf(values),
      pollMs: 200,
      say,
    })
    say(
      transactions === 0
        ? `Everything is deployed already: ${file}`
        : `Deployed with ${transactions} transactions: ${file}`,
    )
    if (values.json) console.log(JSON.stringify(record, undefined, 2))
    else for (const [name, address] of Object.entries(record.contracts)) console.log(`${name}  ${address}`)
    return 0
  } finally {
    await close()
  }
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args,
      options: {
        network: text,
        rpc: text,
        'chain-id': text,
        'token-holder': text,
        guardian: text,
        ...Object.fromEntries(PARAMETER_NAMES.map((name) => [optionOf(name), text])),
        out: text,
        check: flag,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new UsageError(`${reason}. See npm run deploy -- --help`)
  }
}

function parametersOf(values: Record<string, string | boolean | undefined>): Partial<Parameters> {
  return Object.fromEntries(
    PARAMETER_NAMES.flatMap((name) => {
      const text = values[optionOf(name)]
      return typeof text === 'string' ? [[name, parameterOf(optionOf(name), text)]] : []
    }),
  )
}

/** The address that an option names, under the name that it has in a request. */
function addressFrom(option: string, name: string, text: string | undefined): Record<string, string> {
  if (text === undefined) return {}
  if (isAddress(text)) return { [name]: text }
  throw new UsageError(`--${option} is "${text}", but must be an address: 0x and 40 hexadecimal digits.`)
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`--${name} is "${text}", but must be a whole number: give one in digits only.`)
}

/** The contracts check a parameter's bounds; this checks only that it fits into 32 bits. */
function parameterOf(name: string, text: string): number {
  const value = wholeNumber(name, text)
  if (value <= LARGEST_PARAMETER) return value
  throw new UsageError(`--${name} is ${text}, above ${LARGEST_PARAMETER}: give a smaller number.`)
}

/** The chain to deploy to: by URL, or one of Hardhat's networks with keys from its keystore. */
async function target(name: string | undefined, rpcUrl: string | undefined): Promise<Target> {
  if (name !== undefined && !/^[a-z0-9-]{1,40}$/.test(name)) {
    throw new UsageError(`--network is "${name}", but must be 1 to 40 of a…z, 0…9 and -: it names a file.`)
  }
  if (rpcUrl !== undefined) {
    requireUrl(rpcUrl)
    const key = process.env.ASSAY_DEPLOYER_KEY
    const provider = signingProvider(
      rpcUrl,
      key === undefined ? undefined : parsePrivateKey(key, 'ASSAY_DEPLOYER_KEY'),
    )
    const chainId = Number(await provider.request({ method: 'eth_chainId' }))
    return { network: name ?? `chain-${chainId}`, provider, close: async () => undefined }
  }
  const network = name ?? 'localhost'
  const { config, network: networks } = await import('hardhat')
  // Hardhat's other networks live in this process and end with it.
  const known = Object.keys(config.networks).filter((name) => config.networks[name]?.type === 'http')
  if (!known.includes(network)) {
    throw new UsageError(
      `--network is "${network}", but the chains of hardhat.config.ts are ${known.join(', ')}: use one of them, or --rpc URL.`,
    )
  }
  const connection = await networks.create(network).catch(tellHowToConfigure)
  return { network, provider: connection.provider, close: () => connection.close() }
}

function requireUrl(text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return
  throw new UsageError(
    `--rpc is "${shownUrl(text)}", but must be the URL of a node: http://host:port or https://host.`,
  )
}

/** Hardhat names the missing variable; this says how to set it. */
function tellHowToConfigure(error: unknown): never {
  const name = /Configuration Variable "(\w+)" not found/.exec(messageOf(error))?.[1]
  if (name === undefined) throw error
  throw new Error(
    `${name} is not set: npm run exec -- hardhat keystore set ${name}, or set it in the environment.`,
  )
}

/** Message and exit code of an error: 2 wrong usage, 75 try again later, 1 anything else. */
function told(error: unknown): { message: string; code: number } {
  if (error instanceof UsageError) return { message: messageOf(error), code: 2 }
  const unreachable = /Cannot connect to the network "([\w-]+)"/.exec(messageOf(error))?.[1]
  if (unreachable !== undefined) {
    const message = `No node answers for the network "${unreachable}": start one (npm run chain, for localhost), or give another with --rpc URL.`
    return { message, code: 75 }
  }
  if (!(error instanceof BaseError)) return { message: messageOf(error), code: 1 }
  const { message, fix, kind } = decodeFailure(error)
  return { message: `${message}\n${fix}`, code: kind === 'transient' ? 75 : 1 }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { message, code } = told(error)
  console.error(plainLines(message))
  process.exitCode = code
}
