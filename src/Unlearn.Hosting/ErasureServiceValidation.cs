using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>Checks the settings before the service starts.</summary>
internal sealed class ErasureServiceValidation : ServiceValidation<ErasureServiceOptions>
{
    protected override IEnumerable<string> Problems(ErasureServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Folder))
            yield return "Folder is empty: name the folder of the workspace of erasures.";
        else if (!File.Exists(Path.Combine(options.Folder, "erasure.json")))
            yield return $"Folder is '{options.Folder}', which is no workspace of erasures: name one, or create it by {nameof(ErasureWorkspace)}.Create.";
        if (IntervalProblem(options.Interval) is { } interval)
            yield return interval;
        if (PolicyProblem(options.Policy) is { } problem)
            yield return problem;
    }

    private static string? PolicyProblem(ErasurePolicy? policy)
    {
        if (policy is null)
            return "Policy is null: leave it out for the default.";
        if (policy.Methods is { Count: 0 })
            return "Policy:Methods is empty: name the methods that may be used, or leave it out for all.";
        try
        {
            policy.Check();
            return null;
        }
        catch (ArgumentOutOfRangeException outside)
        {
            var range = outside.Message.Split(" (", 2)[0];
            return Invariant($"Policy:{outside.ParamName} is {outside.ActualValue}. {range}.");
        }
    }
}
