using Microsoft.ML;
using Spectre.Console;
using Unlearn.Examples.FashionMnist;
using Unlearn.MLNet.Reports;
using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms.Targets;

TorchRuntime.KeepFreedMemory();
return await Settings.Command(RunAsync).Parse(args).InvokeAsync();

static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
{
    try
    {
        var images = IdxFiles.Read(settings.Data, "train", settings.Rows);
        var testImages = IdxFiles.Read(settings.Data, "t10k", settings.TestRows);
        var mlContext = new MLContext(settings.Seed);
        using var rows = TrainingRows.FromDataView(mlContext.Data.LoadFromEnumerable(images.Select(ImageRow.From)));
        using var testRows = TrainingRows.FromDataView(mlContext.Data.LoadFromEnumerable(testImages.Select(ImageRow.From)));

        var study = new HardnessStudy(new StudyOptions
        {
            Title = $"Fashion-MNIST, {settings.Rows} rows",
            Recipe = new TorchRecipe(TorchArchitecture.SmallCnn(1, Image.Side, Image.Side, Image.ClassNames.Length)) { Device = TorchDevice.Cpu },
            Unlearners =
            [
                new(new ExactRetraining(), Trials(settings, 40, 8), ForgetShare: 0.3),
                new(new FineTuning(), Trials(settings, 60, 20), ForgetShare: 0.1),
                new(new Sisa(), Trials(settings, 20, 8), ForgetShare: 0.3),
            ],
            ClassNames = Image.ClassNames,
            LedgerPath = Path.Combine(settings.Output, "trials.db"),
            Trials = new TrialRunnerOptions { RetryFailed = settings.RetryFailed },
            Seed = settings.Seed,
            Workers = settings.Workers,
        });
        var result = await ConsoleProgress.RunAsync(progress => study.RunAsync(rows, testRows, progress, cancellationToken));
        StudyFiles.Write(settings.Output, result, id => new RowPicture(Image.Side, Image.Side, 1, images[int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)].Grey));
        ConsoleTable.Write(result, settings.Output);
        return 0;
    }
    catch (OperationCanceledException)
    {
        AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] Finished trials are kept in '{settings.Output}': the same command goes on from there.");
        return 130;
    }
    catch (Exception failure) when (failure is IOException or InvalidDataException or ArgumentException or InvalidOperationException or TorchUnavailableException or TrialFailedException or TrialLedgerException)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{failure.Message}[/]");
        return 1;
    }
}

static int Trials(Settings settings, int usual, int inShort) => settings.Trials > 0 ? settings.Trials : settings.Short ? inShort : usual;
