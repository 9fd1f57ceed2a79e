using Microsoft.Extensions.Options;

namespace Unlearn.Hosting;

/// <summary>Checks the settings of a service before it starts, and names all that is wrong.</summary>
/// <typeparam name="TOptions">The settings.</typeparam>
internal abstract class ServiceValidation<TOptions> : IValidateOptions<TOptions> where TOptions : class
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        string[] problems = [.. Problems(options)];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>What is wrong, with setting, value and remedy.</summary>
    protected abstract IEnumerable<string> Problems(TOptions options);

    /// <summary>What is wrong with the time between two looks or attempts, or <see langword="null"/>.</summary>
    protected static string? IntervalProblem(TimeSpan interval) => interval <= TimeSpan.Zero || interval > LongestInterval
        ? Invariant($"Interval is {interval:c}: set it above 0 and to at most a day, such as 00:01:00.")
        : null;
}
