namespace Unlearn.Cli.Tables;

/// <summary>What a user says of a text file, where reading it goes wrong by itself.</summary>
/// <param name="Separator">Between cells; <see langword="null"/> to find it out.</param>
/// <param name="HasHeader">Whether the first line names the columns; <see langword="null"/> to find it out.</param>
/// <param name="Encoding">Name of the encoding; <see langword="null"/> to find it out.</param>
internal sealed record DelimitedOptions(char? Separator = null, bool? HasHeader = null, string? Encoding = null);
