using System.CommandLine;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;

namespace Unlearn.Examples;

/// <summary>What the command line asks for.</summary>
/// <param name="Parsed">The command line, for the options that only one study has.</param>
/// <param name="Size">How large the study is.</param>
/// <param name="Rows">Training rows.</param>
/// <param name="TestRows">Test rows.</param>
/// <param name="Trials">Trials of each unlearner; <see langword="null"/> for the usual numbers.</param>
/// <param name="Unlearners">The unlearners.</param>
/// <param name="ReferenceModels">Reference models for the factors of tier T3; 0 for none.</param>
/// <param name="Hardness">How hardness models are trained and scored.</param>
/// <param name="SingleRows">Rows that some unlearners also forget one at a time; 0 for none.</param>
/// <param name="Seed">Root seed.</param>
/// <param name="Workers">Trials, or stacks of them, at once.</param>
/// <param name="RetryFailed">Whether trials are tried again that failed in an earlier run.</param>
/// <param name="Output">Output folder.</param>
/// <param name="Data">File or folder of the data.</param>
internal sealed record StudySettings(
    ParseResult Parsed, StudySize Size, int Rows, int TestRows, int? Trials, IReadOnlyList<IUnlearner> Unlearners, int ReferenceModels,
    HardnessOptions Hardness, int SingleRows, int Seed, int Workers, bool RetryFailed, string Output, string Data)
{
    /// <summary>Models that are trained at once, where the network can be stacked.</summary>
    public int Stack => TrialCounts.Stack(Size, Trials);
}
