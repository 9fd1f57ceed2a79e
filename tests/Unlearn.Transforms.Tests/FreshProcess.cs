using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.Transforms.Tests;

/// <summary>Another process that loads a saved model: this test program again, which prints all factors of all rows in place of running tests.</summary>
internal static class FreshProcess
{
    private const string ModelVariable = "UNLEARN_TEST_MODEL_TO_LOAD";

    public static async Task<(float[] Values, int ExitCode)> ScoreAsync(string modelPath, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(FreshProcess).Assembly.Location);
        start.Environment[ModelVariable] = modelPath;
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return ([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => float.Parse(line, CultureInfo.InvariantCulture))], process.ExitCode);
    }

    // Nothing of the product is named here but what the model file names.
    [ModuleInitializer]
    internal static void ScoreInPlaceOfTests()
    {
        if (Environment.GetEnvironmentVariable(ModelVariable) is not { Length: > 0 } path)
            return;
        var context = new MLContext(9);
        var model = context.Model.Load(path, out _);
        foreach (var value in model.Transform(TinyRows.View(context, TinyRows.Create(60, 6), 6)).GetColumn<float[]>("UnlearnFactors").SelectMany(row => row))
            Console.WriteLine(value.ToString("R", CultureInfo.InvariantCulture));
        Environment.Exit(0);
    }
}
