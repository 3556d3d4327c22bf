// Types of every table, one set for all databases. Times are ms UTC; JSON is text parsed by a codec in table.ts files.

import type {
  FetchedFilesTable,
  FetchedPiecesTable,
  FileContentsTable,
  FileVersionsTable,
  ProjectArchivesTable,
  ProjectsTable,
} from './content-tables.ts'

export interface UsersTable {
  id: string
  name: string
  display_name: string
  role: string
  password_hash: string
  must_change_password: number
  /** When the present password was set; what was made with an initial one ends with it. */
  password_set_at: number
  disabled: number
  created_at: number
  last_login_at: number | null
}

export interface TeamsTable {
  id: string
  name: string
  created_at: number
}

export interface TeamMembersTable {
  team_id: string
  user_id: string
}

/** Exactly one of user_id and team_id is set. */
export interface GrantsTable {
  id: string
  user_id: string | null
  team_id: string | null
  modules: string
  selector: string
}

export interface SessionsTable {
  /** SHA-256 of the cookie's token, hex. */
  id: string
  user_id: string
  csrf: string
  created_at: number
  expires_at: number
  last_seen_at: number
  address: string
  user_agent: string
}

export interface TokensTable {
  id: string
  user_id: string
  name: string
  /** SHA-256 of the token, hex. */
  hash: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

export interface HostsTable {
  id: string
  name: string
  address: string
  outer_address: string | null
  port: number
  driver: string
  labels: string
  credential_id: string | null
  jump_host_id: string | null
  encoding: string | null
  created_at: number
  updated_at: number
}

/** Keys pinned per address and port, not per host: two names of one machine share it. */
export interface HostKeysTable {
  address: string
  port: number
  type: string
  key: string
  pinned_at: number
  changed_type: string | null
  changed_key: string | null
  changed_at: number | null
}

export interface GroupsTable {
  id: string
  name: string
  selector: string
}

export interface CredentialsTable {
  id: string
  name: string
  type: string
  login: string
  /** AES-256-GCM sealed JSON. */
  sealed: Uint8Array
  public_key: string | null
  version: number
  created_at: number
  updated_at: number
}

export interface DriverEndpointsTable {
  id: string
  name: string
  kind: string
  /** Null: for every IDC that has none of its own. */
  idc: string | null
  /** JSON, nothing secret. */
  settings: string
  /** AES-256-GCM sealed JSON. */
  sealed: Uint8Array
  version: number
  created_at: number
}

interface CustomModulesTable {
  id: string
  name: string
  published_version: number | null
  draft_version: number
  updated_at: number
}

interface CustomModuleVersionsTable {
  module_id: string
  version: number
  content: string
  note: string
  saved_at: number
  saved_by: string
}

export interface RunsTable {
  id: string
  module: string
  module_title: string
  params: string
  selector: string
  check_mode: number
  strategy: string
  run_as: string | null
  credential: string | null
  note: string
  action: string
  mask: string
  table_spec: string | null
  state: string
  stop_reason: string | null
  total: number
  /** Final counts, written in the transaction that ends the run; null before. */
  counts: string | null
  changed: number
  /** Sizes of the batches, JSON. */
  batches: string
  /** [{idc, hosts}], JSON. */
  idcs: string
  /** Index of the batch under way. */
  batch: number
  started_by: string
  actor_id: string | null
  rerun_of: string | null
  output_bytes: number
  rev: number
  created_at: number
  started_at: number | null
  ended_at: number | null
  /** Of a run that a client began in an IDC: where, who, when, JSON. */
  begun: string | null
}

/** Secrets of a run (run-as password, secret parameters): sealed, deleted when the run ends. */
export interface RunSecretsTable {
  run_id: string
  name: string
  sealed: Uint8Array
}

/** One host in one attempt. */
export interface HostResultsTable {
  run_id: string
  host_id: string
  attempt: number
  /** Position in the frozen target list; the order of batches and of the grid. */
  position: number
  name: string
  address: string
  idc: string
  driver: string
  batch: number
  slice_id: string | null
  fence: number
  state: string
  reason: string | null
  message: string | null
  exit: number | null
  changed: number | null
  left_running: string | null
  started_at: number | null
  ended_at: number | null
  duration_ms: number | null
  output_bytes: number
  truncated: number
  answer: string | null
  rev: number
  /** TargetHost as JSON: what a re-offer after a restart needs. Emptied when the run ends. */
  target: string | null
}

/** Output as kept: one row where it is short, else chunks of 16–64 KiB. `pieces` is [[stream, length], …]. */
export interface OutputsTable {
  run_id: string
  host_id: string
  attempt: number
  offset: number
  pieces: string
  bytes: Uint8Array
}

/** How one step of an action with several went on one host; no row for a step that was not reached. */
export interface HostStepsTable {
  run_id: string
  host_id: string
  attempt: number
  /** The order in which they were reported: it grows, with gaps. */
  step: number
  /** Position in the action, from 0, which the items of a task share; null: `step` is it, in rows of older versions. */
  position: number | null
  name: string
  item: string | null
  state: string
  exit: number | null
  changed: number | null
  duration_ms: number | null
  diff: string | null
  message: string | null
}

interface ProjectArchivePartsTable {
  hash: string
  part: number
  bytes: Uint8Array
}

export interface SlicesTable {
  id: string
  run_id: string
  idc: string
  driver: string
  batch: number
  attempt: number
  concurrency: number
  hosts: number
  /** Of its hosts in the run, as `0-99,120`. */
  positions: string
  ended_hosts: number
  fence: number
  offered_at: number | null
  ended_at: number | null
}

export interface ControllersTable {
  name: string
  idc: string
  /** Base64 of an X25519 public key. */
  seal_key: string
  enrolled_at: number
  enrolled_by: string
  revoked_at: number | null
  revoked_by: string | null
  /** Of the certificate that it has shown; null: it has shown none. */
  generation: number | null
  /** Hex. */
  cert_serial: string | null
  /** SHA-256, hex. */
  cert_fingerprint: string | null
  cert_ends_at: number | null
}

/** Who may begin runs in an IDC without the server. */
export interface IdcClientsTable {
  idc: string
  /** The name in its certificate. */
  client: string
  user_id: string
  allowed_at: number
  allowed_by: string
  /** null: may begin runs there. */
  denied_at: number | null
}

/** What the controllers of an IDC were told last, so that they can act alone. */
export interface IdcBooksTable {
  idc: string
  number: number
  /** Hash of what it was made of. */
  revision: string
  /** Of the log that lay beside it: another one means that it is gone. */
  epoch: string
  pieces: number
  hosts: number
  bytes: number
  written_at: number
  until: number
}

/** How far the server has read an IDC's log. */
interface CursorsTable {
  idc: string
  epoch: string
  seq: number
}

export interface ActivityTable {
  id: string
  at: number
  actor_id: string | null
  actor_name: string
  via: string
  from_address: string
  what: string
  subject: string
  host_count: number
  hosts: string
  before: string | null
  after: string | null
}

/** A row lasts as long as the work; nothing secret is in it. */
export interface TrustWorkTable {
  /** Of its first run as well. */
  id: string
  stage: string
  plan: string
  /** Ids of runs, each stored before its run is launched. */
  verify_runs: string
  remove_runs: string
  created_at: number
}

interface FilePiecesTable {
  content_id: string
  position: number
  bytes: Uint8Array
}

interface SettingsTable {
  name: string
  value: string
}

export interface Tables {
  users: UsersTable
  teams: TeamsTable
  team_members: TeamMembersTable
  grants: GrantsTable
  sessions: SessionsTable
  tokens: TokensTable
  hosts: HostsTable
  host_keys: HostKeysTable
  host_groups: GroupsTable
  credentials: CredentialsTable
  driver_endpoints: DriverEndpointsTable
  custom_modules: CustomModulesTable
  custom_module_versions: CustomModuleVersionsTable
  runs: RunsTable
  run_secrets: RunSecretsTable
  host_results: HostResultsTable
  outputs: OutputsTable
  host_steps: HostStepsTable
  projects: ProjectsTable
  project_archives: ProjectArchivesTable
  project_archive_parts: ProjectArchivePartsTable
  slices: SlicesTable
  cursors: CursorsTable
  controllers: ControllersTable
  idc_clients: IdcClientsTable
  idc_books: IdcBooksTable
  file_contents: FileContentsTable
  file_pieces: FilePiecesTable
  file_versions: FileVersionsTable
  fetched_files: FetchedFilesTable
  fetched_pieces: FetchedPiecesTable
  activity: ActivityTable
  settings: SettingsTable
  trust_work: TrustWorkTable
}
