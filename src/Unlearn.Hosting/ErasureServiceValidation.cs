using Microsoft.Extensions.Options;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>Checks the settings before the service starts.</summary>
internal sealed class ErasureServiceValidation : IValidateOptions<ErasureServiceOptions>
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, ErasureServiceOptions options)
    {
        string[] problems = [.. Problems(options)];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(ErasureServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Folder))
            yield return "Folder is empty: name the folder of the workspace of erasures.";
        else if (!File.Exists(Path.Combine(options.Folder, "erasure.json")))
            yield return $"Folder is '{options.Folder}', which is no workspace of erasures: name one, or create it by {nameof(ErasureWorkspace)}.Create.";
        if (options.Interval <= TimeSpan.Zero || options.Interval > LongestInterval)
            yield return Invariant($"Interval is {options.Interval:c}: set it above 0 and to at most a day, such as 00:01:00.");
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
