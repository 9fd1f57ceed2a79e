namespace Unlearn.Cli.Tables;

/// <summary>A table as it lies in a file: texts, nothing understood yet.</summary>
/// <param name="Names">Names of the columns, each another.</param>
/// <param name="Rows">Cells of each row; <see langword="null"/> where the file itself knows that there is none.</param>
/// <param name="Format">What the file is, for people: format, compression, encoding, separator.</param>
/// <param name="Notes">What was done about oddities.</param>
internal sealed record RawTable(IReadOnlyList<string> Names, IReadOnlyList<string?[]> Rows, string Format, IReadOnlyList<string> Notes);
