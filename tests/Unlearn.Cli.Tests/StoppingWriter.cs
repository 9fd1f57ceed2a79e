namespace Unlearn.Cli.Tests;

/// <summary>Stops a run when a line of its progress says something.</summary>
internal sealed class StoppingWriter(string line, CancellationTokenSource source) : StringWriter
{
    public override void WriteLine(string? value)
    {
        if (value?.Contains(line, StringComparison.Ordinal) == true)
            source.Cancel();
        base.WriteLine(value);
    }
}
