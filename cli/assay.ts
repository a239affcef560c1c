#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// This comes before anything else is loaded. Compiled code is cached, so later starts take half the time.
enableCompileCache(join(import.meta.dirname, '../.assay/compile-cache'))
const { main } = await import('./main.ts')
await main()
