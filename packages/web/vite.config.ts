// Bundles the browser's part into dist/, and serves it with reload while it is being written.

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { contractWithoutSchemas } from './contract-without-schemas.ts'
import { decorativeIcons } from './decorative-icons.ts'

const server = process.env.OM_URL ?? 'http://127.0.0.1:8640'

export default defineConfig({
  plugins: [contractWithoutSchemas(), decorativeIcons(), react()],
  build: {
    target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'],
    // A content security policy without inline scripts; every browser of the target preloads by itself.
    modulePreload: { polyfill: false },
    // An asset inlined as data: would need a wider policy.
    assetsInlineLimit: 0,
    sourcemap: false,
    // Which file needs which: the budget of the first pages is checked by it (weight.test.ts).
    manifest: true,
    rolldownOptions: {
      // Every popover asks rc-form for one context; its index sets properties of Form, so without a word all of it
      // came along: 14 KiB (gzip) of validation on the sign-in page.
      treeshake: {
        moduleSideEffects: [{ test: /@rc-component\/form\/es\//, sideEffects: false }],
      },
      output: {
        codeSplitting: {
          // What changes only when we upgrade, apart from what changes with every release: caches keep it.
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'tanstack', test: /node_modules\/@tanstack\/(?!react-virtual|virtual-core)/ },
            { name: 'texts', test: /node_modules\/(i18next|react-i18next)\// },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: server, changeOrigin: false, secure: false } },
  },
})
