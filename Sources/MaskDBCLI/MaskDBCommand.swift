internal import ArgumentParser
internal import MaskDB
internal import MaskModel

/// The root of the command line.
struct MaskDBCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maskdb",
    abstract: "The database of update masks: which weights a fine-tuning run changed.",
    discussion: """
      maskdb compares checkpoints with the base that they were fine-tuned from, keeps which weights \
      changed, and answers how masks overlap across seeds, datasets and algorithms, above which \
      random.

        maskdb add runs/grpo-s0 runs/grpo-s1 --base models/base
        maskdb overlap
        maskdb export grpo-s0 --format safetensors -o mask.safetensors

      The catalog is --catalog PATH, else $MASKDB_CATALOG, else ./masks.maskdb. Exit codes: 0 done; \
      1 asked for and not found, refused to compare, or audited and found moved; \
      2 a checkpoint or manifest cannot be used; \
      3 the catalog cannot be used; 4 an output cannot be written; 64 wrong usage; \
      130 interrupted by Ctrl-C, 143 by SIGTERM.
      """,
    version: MaskDBRelease.version,
    subcommands: [
      AddCommand.self, DiffCommand.self, ListCommand.self, ShowCommand.self, SetCommand.self,
      RenameCommand.self, SparsityCommand.self, RemoveCommand.self, OverlapCommand.self,
      CompareCommand.self, DeriveCommand.self, GroupsCommand.self, FactorsCommand.self,
      ExportCommand.self, ImportCommand.self, AuditCommand.self, InfoCommand.self,
      VerifyCommand.self,
    ]
  )
}

@main
enum EntryPoint {
  static func main() async {
    do {
      if let name = Kernels.refused { throw KernelRefusal(name: name) }
      var command = try MaskDBCommand.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure(error).exit()
    }
  }
}
