// All places, on a phone: what does not fit into the bar at the thumb.

import { Drawer } from 'antd'
import { Places } from './places.tsx'

export const PhoneMenu = ({ onClose }: { readonly onClose: () => void }) => (
  <Drawer
    open
    placement="left"
    size={260}
    title="OMServer"
    onClose={onClose}
    styles={{ body: { padding: 8 } }}
  >
    <Places folded={false} onGo={onClose} />
  </Drawer>
)
