internal import ArgumentParser
struct DiffCommand: ParsableCommand {}
struct ListCommand: ParsableCommand {}
struct ShowCommand: ParsableCommand {}
struct SparsityCommand: ParsableCommand {}
struct OverlapCommand: ParsableCommand {}
