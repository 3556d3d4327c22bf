// The one client of this page. Same origin, session cookie; the CSRF token comes with sign-in.

import { createClient } from '@omserver/api'
import { listeningFetch } from './signed-out.ts'

export const client = createClient({ fetch: listeningFetch })
