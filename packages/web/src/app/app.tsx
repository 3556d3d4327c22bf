// The whole page: theme, queries, addresses.

import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { queryClient } from '../api/index.ts'
import './page.css'
import { router } from './router.tsx'
import { ThemeProvider } from './theme.tsx'

export const App = () => (
  <ThemeProvider>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </ThemeProvider>
)
