using System.Globalization;
using Unlearn.TestPrograms;

namespace Unlearn.Transforms.Tests;

/// <summary>Another process that loads a saved model and gives all factors of all rows.</summary>
internal static class FreshProcess
{
    public static async Task<(float[] Values, int ExitCode)> ScoreAsync(string modelPath, CancellationToken cancellationToken)
    {
        using var process = TestProgram.Start("score", modelPath);
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return ([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => float.Parse(line, CultureInfo.InvariantCulture))], process.ExitCode);
    }
}
