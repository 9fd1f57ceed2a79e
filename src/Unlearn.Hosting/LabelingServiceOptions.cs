using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>Settings of a <see cref="LabelingService"/>, bound to a section of the configuration. What is not set stays as the code has it.</summary>
public sealed class LabelingServiceOptions
{
    /// <summary>File of the ledger, in a folder that exists. Finished trials are kept in it: the next host goes on from there.</summary>
    public string LedgerPath { get; set; } = "";

    /// <inheritdoc cref="HardnessLabelingOptions.CeilingGoal"/>
    /// <value>Default <see langword="null"/>: that of the code.</value>
    public double? CeilingGoal { get; set; }

    /// <inheritdoc cref="HardnessLabelingOptions.MaximumTrials"/>
    /// <value>Default <see langword="null"/>: that of the code.</value>
    public int? MaximumTrials { get; set; }

    /// <inheritdoc cref="HardnessLabelingOptions.MaximumTime"/>
    /// <value>Default <see langword="null"/>: that of the code.</value>
    public TimeSpan? MaximumTime { get; set; }

    /// <inheritdoc cref="HardnessLabelingOptions.Workers"/>
    /// <value>Default <see langword="null"/>: that of the code.</value>
    public int? Workers { get; set; }

    /// <summary>Time after which a labeling is tried again that a passing error ended, such as a full disk, above 0 and at most a day.</summary>
    /// <value>Default one minute.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    internal HardnessLabelingOptions Apply(HardnessLabelingOptions code) => code with
    {
        LedgerPath = LedgerPath,
        CeilingGoal = CeilingGoal ?? code.CeilingGoal,
        MaximumTrials = MaximumTrials ?? code.MaximumTrials,
        MaximumTime = MaximumTime ?? code.MaximumTime,
        Workers = Workers ?? code.Workers,
    };
}
