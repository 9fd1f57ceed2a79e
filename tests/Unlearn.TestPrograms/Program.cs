using System.Globalization;
using Unlearn.TestPrograms;
using Unlearn.TestPrograms.Devices;

// What tests need a process of its own for: to kill it, to load what another one saved, or a backend that one failure spoils.
switch (args)
{
    case ["label", var ledgerPath, var diaryPath, var trials, var stack]:
        await Labeling.RunAsync(ledgerPath, diaryPath, Number(trials), Number(stack));
        return 0;
    case ["write-ledger", var ledgerPath, var trials]:
        LedgerWriting.Run(ledgerPath, Number(trials));
        return 0;
    case ["study", var folder]:
        await Study.RunAsync(folder);
        return 0;
    case ["erase", var folder]:
        await Erasing.RunAsync(folder);
        return 0;
    case ["score", var modelPath]:
        Scoring.Run(modelPath);
        return 0;
    case ["predict", var modelPath, var rowsPath]:
        Predicting.Run(modelPath, rowsPath);
        return 0;
    case ["collect", var seconds]:
        Collecting.Run(Number(seconds));
        return 0;
    case ["device-factors", var name]:
        DeviceFactors.Run(name);
        return 0;
    case ["device-count", var name]:
        DeviceCounts.Run(name);
        return 0;
    case ["device-unlearners", .. var names]:
        DeviceUnlearners.Run(names);
        return 0;
    default:
        Console.Error.WriteLine("label LEDGER DIARY TRIALS STACK | write-ledger LEDGER TRIALS | study FOLDER | erase FOLDER | score MODEL | "
            + "predict MODEL ROWS | collect SECONDS | device-factors ARCHITECTURE | device-count ARCHITECTURE | device-unlearners NAME...");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
