using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>Trials of each unlearner, an even number each, and how many models of a stack are trained at once.</summary>
internal static class TrialCounts
{
    // A stack's trials are of one half, and half of the usual numbers are whole stacks.
    private static readonly BySize<int> Stacks = new(4, 10, 10);

    /// <summary>
    /// The usual trials of an unlearner. SISA deals the rows to shards anew in each, so its labels need more trials than those of others; it trains
    /// all shards, so they are the costliest.
    /// </summary>
    public static BySize<int> Of(IUnlearner unlearner) => unlearner switch
    {
        ExactRetraining => new(8, 40, 60),
        Sisa => new(8, 60, 60),
        FineTuning => new(20, 60, 60),
        _ => new(20, 40, 60),
    };

    /// <summary>Models that are trained at once.</summary>
    public static int Stack(StudySize size, int? trials) => Math.Clamp(trials / 2 ?? int.MaxValue, 1, Stacks.Of(size));
}
