namespace Unlearn.Conformance;

/// <summary>One rule, ready to be checked: a case of a test theory.</summary>
public sealed class ConformanceCheck
{
    private readonly Action _check;

    internal ConformanceCheck(string rule, Action check)
    {
        Rule = rule;
        _check = check;
    }

    /// <summary>What must hold, in a sentence.</summary>
    public string Rule { get; }

    /// <summary>Checks it.</summary>
    /// <exception cref="ConformanceException">It does not hold.</exception>
    public void Run()
    {
        try
        {
            _check();
        }
        catch (Exception failure) when (failure is not ConformanceException)
        {
            throw new ConformanceException($"{Rule}: {failure.GetType().Name}: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Rule;
}
