package presence
import promconfig "github.com/prometheus/common/config"
type RedisConfig struct { Address, Username string; Password promconfig.Secret; PasswordFile string; TLSConfig *promconfig.TLSConfig }
type Action string
var Actions = []Action{"protect"}
type Refusal string
var Refusals = []Refusal{"x"}
