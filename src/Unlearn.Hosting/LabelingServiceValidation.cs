namespace Unlearn.Hosting;

/// <summary>Checks the settings before the service starts.</summary>
internal sealed class LabelingServiceValidation : ServiceValidation<LabelingServiceOptions>
{
    protected override IEnumerable<string> Problems(LabelingServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.LedgerPath))
            yield return "LedgerPath is empty: name the file that finished trials are kept in.";
        else if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(options.LedgerPath))))
            yield return $"LedgerPath is '{options.LedgerPath}', whose folder does not exist: create it, or name another file.";
        if (options.CeilingGoal is { } goal && !(goal is > 0.5 and <= 1))
            yield return Invariant($"CeilingGoal is {goal}: set it above 0.5 and to at most 1.");
        if (options.MaximumTrials < 1)
            yield return $"MaximumTrials is {options.MaximumTrials}: set it to 1 or more.";
        if (options.MaximumTime <= TimeSpan.Zero)
            yield return Invariant($"MaximumTime is {options.MaximumTime:c}: set it above 0, such as 01:00:00.");
        if (options.Workers < 1)
            yield return $"Workers is {options.Workers}: set it to 1 or more.";
        if (IntervalProblem(options.Interval) is { } interval)
            yield return interval;
    }
}
