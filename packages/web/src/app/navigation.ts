// Where one can go: the entries of the navigation, their keys, and the right each needs to be of use.

import {
  ApiOutlined,
  CloudServerOutlined,
  ClusterOutlined,
  CodeOutlined,
  FileSearchOutlined,
  FolderOpenOutlined,
  HistoryOutlined,
  KeyOutlined,
  SettingOutlined,
  TeamOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons'
import type { Permission } from '@omserver/core'
import type { ComponentType } from 'react'

export interface Place {
  readonly name:
    | 'launch'
    | 'modules'
    | 'projects'
    | 'runs'
    | 'hosts'
    | 'files'
    | 'credentials'
    | 'trust'
    | 'controllers'
    | 'users'
    | 'activity'
    | 'settings'
  readonly to:
    | '/launch'
    | '/modules'
    | '/projects'
    | '/runs'
    | '/hosts'
    | '/files'
    | '/credentials'
    | '/trust'
    | '/controllers'
    | '/users'
    | '/activity'
    | '/settings'
  readonly icon: ComponentType<{ readonly 'aria-hidden': true }>
  /** Second key after `g`. */
  readonly key: string
  readonly needs: Permission | undefined
}

export interface PlaceGroup {
  readonly name: 'work' | 'assets' | 'administration'
  readonly places: readonly Place[]
}

export const placeGroups: readonly PlaceGroup[] = [
  {
    name: 'work',
    places: [
      { name: 'launch', to: '/launch', icon: ThunderboltOutlined, key: 'l', needs: 'run.launch' },
      { name: 'modules', to: '/modules', icon: CodeOutlined, key: 'm', needs: 'module.read' },
      {
        name: 'projects',
        to: '/projects',
        icon: FolderOpenOutlined,
        key: 'p',
        needs: 'project.read',
      },
      { name: 'runs', to: '/runs', icon: HistoryOutlined, key: 'r', needs: 'run.read' },
    ],
  },
  {
    name: 'assets',
    places: [
      { name: 'hosts', to: '/hosts', icon: CloudServerOutlined, key: 'h', needs: 'host.read' },
      { name: 'files', to: '/files', icon: FolderOpenOutlined, key: 'f', needs: 'file.read' },
      {
        name: 'credentials',
        to: '/credentials',
        icon: KeyOutlined,
        key: 'c',
        needs: 'credential.read',
      },
      { name: 'trust', to: '/trust', icon: ApiOutlined, key: 't', needs: 'run.launch' },
    ],
  },
  {
    name: 'administration',
    places: [
      {
        name: 'controllers',
        to: '/controllers',
        icon: ClusterOutlined,
        key: 'i',
        needs: 'controller.read',
      },
      { name: 'users', to: '/users', icon: TeamOutlined, key: 'u', needs: 'user.read' },
      {
        name: 'activity',
        to: '/activity',
        icon: FileSearchOutlined,
        key: 'a',
        needs: 'activity.read',
      },
      { name: 'settings', to: '/settings', icon: SettingOutlined, key: 's', needs: undefined },
    ],
  },
]

export const allPlaces: readonly Place[] = placeGroups.flatMap(({ places }) => places)

/** On a phone these are at the thumb; the rest is in the drawer. */
export const thumbPlaces = ['launch', 'runs', 'hosts', 'modules'] as const
