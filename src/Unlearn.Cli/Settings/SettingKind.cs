namespace Unlearn.Cli.Settings;

/// <summary>What a setting's value is.</summary>
internal enum SettingKind
{
    Text,
    Integer,
    Number,
    Flag,
    List,
}
