namespace Unlearn.MLNet;

/// <summary>The target model in figures.</summary>
public sealed record TargetSummary
{
    /// <summary>The recipe in words.</summary>
    public required string Description { get; init; }

    /// <summary>Number of parameters; <see langword="null"/> for a model that does not show them.</summary>
    public long? Parameters { get; init; }

    /// <summary>Number of training rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of test rows.</summary>
    public required int TestRows { get; init; }

    /// <summary>Accuracy of the target on the training rows, in [0, 1].</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Accuracy of the target on the test rows, in [0, 1].</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Recall of the target on each class of the test rows, in [0, 1]; NaN for a class without test rows.</summary>
    public IReadOnlyList<double> Recalls { get; init; } = [];

    /// <summary>Share of the largest class among the test rows: the accuracy of always answering it. NaN if unknown.</summary>
    public double MajorityShare { get; init; } = double.NaN;

    /// <summary>Mean of the classes' recalls, in [0, 1]; 1 / classes is chance. NaN if unknown.</summary>
    public double BalancedAccuracy => Recalls.Where(recall => !double.IsNaN(recall)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>
    /// What is wrong with the target, in words; <see langword="null"/> if nothing is. A target that has learned no more than the largest class makes
    /// every row of the other classes look hard.
    /// </summary>
    public string? Warning => TestAccuracy <= MajorityShare || BalancedAccuracy < 1.0 / Recalls.Count(recall => !double.IsNaN(recall)) + MarginOverChance
        ? Invariant(
            $"The target is no better than the majority class: test accuracy {TestAccuracy:0.000}, largest class {MajorityShare:0.000}, ")
            + Invariant(
                $"balanced accuracy {BalancedAccuracy:0.000}. Its hard rows tell of the classes, not of the rows: train it longer, or weigh the classes.")
        : null;

    private const double MarginOverChance = 0.05;
}
