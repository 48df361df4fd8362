// Command forecourt is the whole product in one binary; see usage below.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // dealers' time zones must work where the system has none
)

const usage = `forecourt sells cars online and hands them over at a dealer.

  forecourt demo     everything in one process, with a demo world, card bank and caught mails
  forecourt serve    shop, portals and API (settings: config/example.env)
  forecourt worker   jobs: card bank, mail, deadlines
  forecourt migrate  bring the schema up to date
  forecourt import   load brands, markets, dealers, places and ranges from a folder
  forecourt import-status  say how far cars are, by a CSV file; -dry-run says what would happen
  forecourt import-used  bring a dealer's used cars in, by a CSV file or XLSX workbook; -dry-run says what would happen
  forecourt range    publish, report and generate ranges; hold what can not be delivered
  forecourt user     add or disable a login, add an API client, list dealers
  forecourt doctor   examine the invariants
  forecourt verify   check an order's evidence file, without database or network
  forecourt smoke    drive one whole purchase against a running site
  forecourt simulate let simulated cars send signals to a running site
  forecourt backup   write the database to a file
  forecourt restore  read it back into an empty database

forecourt COMMAND -h tells the flags.
`

type command func(ctx context.Context, args []string) error

func main() {
	commands := map[string]command{
		"demo": demo, "serve": serve, "worker": worker, "migrate": migrate, "import": importWorld, "import-status": importStatus, "import-used": importUsed, "range": rangeCmd,
		"user": user, "doctor": doctorCmd, "verify": verifyCmd, "smoke": smokeCmd, "simulate": simulate, "backup": backup, "restore": restore,
	}
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if help := []string{"help", "-h", "-help", "--help"}; slices.Contains(help, os.Args[1]) {
		fmt.Print(usage)
		return
	}
	if commands[os.Args[1]] == nil {
		fmt.Fprintf(os.Stderr, "forecourt: unknown command %q\n\n%s", os.Args[1], usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		fmt.Fprintf(os.Stderr, "forecourt %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
